// npm's `ollama` client, unchanged, against the daemon that HEARTH_URL names.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Ollama } from "ollama";

const client = new Ollama({ host: process.env.HEARTH_URL });
const question = [{ role: "user", content: "What is Hearth?" }];

test("chat answers", async () => {
  const reply = await client.chat({ model: "guide", messages: question, think: false });
  assert.match(reply.message.content, /Hearth/);
  assert.equal(reply.done_reason, "stop");
});

test("a stream joined is the whole answer", async () => {
  const whole = await client.chat({ model: "guide", messages: question, think: false });
  let joined = "";
  for await (const part of await client.chat({ model: "guide", messages: question, think: false, stream: true })) {
    joined += part.message.content;
  }
  assert.equal(joined, whole.message.content);
});

test("generate answers in a schema", async () => {
  const format = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
  const reply = await client.generate({ model: "guide", prompt: "A number in JSON", format });
  assert.equal(Number.isInteger(JSON.parse(reply.response).n), true);
});

test("thinking comes apart", async () => {
  const reply = await client.chat({ model: "guide", messages: question, think: true });
  assert.ok(reply.message.thinking);
  assert.doesNotMatch(reply.message.content, /<think>/);
});

test("embed gives one vector for each input", async () => {
  const reply = await client.embed({ model: "embedder", input: ["hello", "the cat sat"] });
  assert.equal(reply.embeddings.length, 2);
});

test("models are listed, shown, created, copied and deleted", async () => {
  const names = (await client.list()).models.map((model) => model.name);
  assert.ok(names.includes("guide:latest"));
  assert.ok((await client.show({ model: "guide" })).capabilities.includes("tools"));
  await client.create({ model: "npm-made", from: "tiny", system: "Be brief." });
  await client.copy({ source: "npm-made", destination: "npm-copied" });
  await client.delete({ model: "npm-made" });
  assert.equal((await client.show({ model: "npm-copied" })).system, "Be brief.");
  await client.delete({ model: "npm-copied" });
  await assert.rejects(client.show({ model: "npm-copied" }), /not found/);
});

test("aborting a stream ends it", async () => {
  const stream = await client.generate({
    model: "tiny", prompt: "hello", raw: true, stream: true, options: { num_predict: 100000, temperature: 0 },
  });
  await assert.rejects(async () => {
    for await (const part of stream) {
      if (part.response) stream.abort();
    }
  }, { name: "AbortError" });
});

test("an unknown model is a clear error", async () => {
  await assert.rejects(client.chat({ model: "nowhere", messages: question }), /model 'nowhere' not found/);
});
