"""The `kerashar` command."""

import atexit
import gc
import os
import sys
from typing import NoReturn

import typer

from kerashar.cli.baseline import baseline
from kerashar.cli.channels import channels
from kerashar.cli.check import check
from kerashar.cli.compare import compare
from kerashar.cli.compress import compress
from kerashar.cli.cross_validate import cross_validate
from kerashar.cli.data import app as data_app
from kerashar.cli.distill import distill
from kerashar.cli.ensemble import ensemble
from kerashar.cli.evaluate import evaluate
from kerashar.cli.explain import explain
from kerashar.cli.export import export
from kerashar.cli.fine_tune import fine_tune
from kerashar.cli.launch import launch
from kerashar.cli.models import models
from kerashar.cli.predict import predict
from kerashar.cli.predict_recordings import predict_recordings
from kerashar.cli.pretrain import pretrain
from kerashar.cli.probe import probe
from kerashar.cli.report import report
from kerashar.cli.runs import app as runs_app
from kerashar.cli.search import search
from kerashar.cli.search_page import search_page
from kerashar.cli.serve import serve
from kerashar.cli.study import study
from kerashar.cli.train import train

USER_ERROR = 2  # a mistake in the input; an error of the program itself gives 1
INTERRUPTED = 130  # as shells have it for Ctrl-C

app = typer.Typer(
    name="kerashar",
    help="Recognise human activities from wearable sensors with Keras models on torch, JAX or TensorFlow.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    *(models, baseline, check, train, cross_validate, compare, distill, pretrain, fine_tune, probe),
    *(ensemble, evaluate, search, search_page, study, launch, serve),
    *(predict, predict_recordings, explain, channels, report),
    *(export, compress),
):
    app.command()(command)
app.add_typer(data_app)
app.add_typer(runs_app)


def main() -> NoReturn:
    """Run the command line; exit 0, 2 for a user's mistake (one line on stderr), 130 for Ctrl-C."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # start-up notices of TensorFlow
    atexit.register(gc.freeze)  # else Python looks at each object of Keras before the process ends: two seconds
    try:
        code = app(standalone_mode=False)
    except (typer.Abort, KeyboardInterrupt) as error:
        print(f"interrupted {error}".strip(), file=sys.stderr)  # noqa: T201
        sys.exit(INTERRUPTED)
    except typer.TyperException as error:
        if message := error.format_message():  # empty where the help was shown in its place
            _print_error(message)
        sys.exit(USER_ERROR)
    except (ValueError, OSError, ImportError) as error:  # the last: an extra is missing
        _print_error(str(error))
        sys.exit(USER_ERROR)
    sys.exit(code or 0)


def _print_error(message: str) -> None:
    print(f"error: {' '.join(message.split())}", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
