"""The model sees only what it may, and the rows it is trained on hold whole documents."""

import numpy as np
import pytest
from training.batches import Document, pack

pytestmark = pytest.mark.slow


def test_a_token_sees_only_earlier_ones_of_its_document() -> None:
    import jax.numpy as jnp

    from training import model

    shape = model.Shape(vocabulary=64, width=32, layers=2, heads=2, inner=32)
    params = model.init(shape, 0)
    documents = jnp.asarray([[0, 0, 0, 0, 1, 1, 1, 1]])
    first = np.asarray(model.logits(params, jnp.asarray([[1, 2, 3, 4, 5, 6, 7, 8]]), documents, shape))
    later = np.asarray(model.logits(params, jnp.asarray([[1, 2, 3, 9, 5, 6, 7, 8]]), documents, shape))
    assert np.allclose(first[0, :3], later[0, :3])
    assert not np.allclose(first[0, 3], later[0, 3])
    assert np.allclose(first[0, 4:], later[0, 4:])


def test_rows_hold_whole_documents() -> None:
    rows = [[Document([1, 2, 3], [0.0, 1.0, 1.0]), Document([4, 5], [1.0, 1.0])], [Document([6], [1.0])]]
    packed = pack(rows, 6)
    assert packed["tokens"].tolist() == [[1, 2, 3, 4, 5, 0, 0], [6, 0, 0, 0, 0, 0, 0]]
    assert packed["documents"].tolist() == [[0, 0, 0, 1, 1, -1, -1], [0, -1, -1, -1, -1, -1, -1]]
    assert packed["weight"].tolist() == [[0, 1, 1, 0, 1, 0, 0], [0, 0, 0, 0, 0, 0, 0]]
