"""Handlers for the tests of `call`; they run in a real worker process."""

import time


def nap(payload, context):
    context.emit({payload["name"]: {"seconds": payload["seconds"]}})
    time.sleep(payload["seconds"])
    return {"napped": payload["seconds"]}


HANDLERS = {"nap": nap, "need": nap}
