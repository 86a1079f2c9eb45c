"""Trains the model anew, exports and examines it: `python -m training [options of training.train]`."""

import sys

from training import evaluate, export, train

if __name__ == "__main__":
    train.main(["--fresh", *sys.argv[1:]])
    export.main()
    evaluate.report(evaluate.run(evaluate.embedded()), show_wrong=False)
