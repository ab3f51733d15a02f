"""What stands between Lambda and a function, as a script: it imports the handler, then answers event by event.

lambda_runtime.py ANSWERS HANDLER MEMORY_BYTES PATH...: events come as lines on the standard input, answers go to the
file descriptor of that number.
"""

import importlib
import json
import os
import resource
import sys
import time
import traceback

# What a function may answer at most, as JSON.
ANSWER_BYTES = 6 * 1024 * 1024


class Context:
    """What a handler is told of its invocation."""

    identity = None
    client_context = None

    def __init__(self, told):
        self.aws_request_id = told["request_id"]
        self.invoked_function_arn = told["arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self._deadline = time.monotonic() + told["timeout_s"]

    def get_remaining_time_in_millis(self):
        return max(0, int((self._deadline - time.monotonic()) * 1000))


def main(descriptor, handler, memory_bytes, *paths):
    # What the process itself holds, threads' stacks included; Lambda counts the same pages.
    resource.setrlimit(resource.RLIMIT_DATA, (int(memory_bytes), int(memory_bytes)))
    sys.path[:0] = paths
    os.set_inheritable(int(descriptor), False)
    with os.fdopen(int(descriptor), "w", buffering=1) as answers:
        function, broken = _imported(handler)
        print(json.dumps(broken or {"ready": True}), file=answers)
        for line in sys.stdin:
            print(_answer(function, json.loads(line)), file=answers)


def _imported(handler):
    """The handler, or the error that Lambda shows where there is none."""
    module, _, name = handler.rpartition(".")
    try:
        return getattr(importlib.import_module(module.replace("/", ".")), name), None
    except ImportError as error:
        return None, _error("Runtime.ImportModuleError", f"Unable to import module '{module}': {error}")
    except AttributeError:
        return None, _error("Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module}'")
    except Exception as error:
        return None, _error(type(error).__name__, str(error), traceback.format_exc().splitlines())


def _answer(function, told):
    """What the function made of the event, as JSON."""
    try:
        answer = json.dumps({"result": function(told["event"], Context(told))})
    except Exception as error:
        return json.dumps(_error(type(error).__name__, str(error), traceback.format_exc().splitlines()))
    if len(answer) > ANSWER_BYTES:
        return json.dumps(
            _error("Function.ResponseSizeTooLarge", f"Response payload size exceeded {ANSWER_BYTES} bytes")
        )
    return answer


def _error(kind, message, trace=()):
    return {"error": {"errorType": kind, "errorMessage": message, "stackTrace": list(trace)}}


if __name__ == "__main__":
    main(*sys.argv[1:])
