// The oracle renders templates with Go's own text/template: one JSON object a line in, one a line out.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"text/template"
)

type request struct {
	Template string `json:"template"`
	Data     any    `json:"data"`
}

type reply struct {
	Output string `json:"output"`
	Error  string `json:"error"`
}

func toJSON(v any) string {
	encoded, _ := json.Marshal(v)
	return string(encoded)
}

// typed makes ints of the numbers that are written without a fraction, and lists without spare capacity.
func typed(v any) any {
	switch v := v.(type) {
	case json.Number:
		if !strings.ContainsAny(v.String(), ".eE") {
			n, _ := v.Int64()
			return int(n)
		}
		f, _ := v.Float64()
		return f
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = typed(item)
		}
		return list
	case map[string]any:
		for key, item := range v {
			v[key] = typed(item)
		}
	}
	return v
}

func render(r request) reply {
	functions := template.FuncMap{"json": toJSON}
	parsed, err := template.New("").Option("missingkey=zero").Funcs(functions).Parse(r.Template)
	if err != nil {
		return reply{Error: "parse: " + err.Error()}
	}
	var output bytes.Buffer
	if err := parsed.Execute(&output, typed(r.Data)); err != nil {
		return reply{Error: "execute: " + err.Error()}
	}
	return reply{Output: output.String()}
}

func main() {
	lines := bufio.NewReader(os.Stdin)
	replies := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var r request
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.UseNumber()
		if err := decoder.Decode(&r); err != nil {
			_ = replies.Encode(reply{Error: "request: " + err.Error()})
			continue
		}
		_ = replies.Encode(render(r))
	}
}
