"""The channel to the process that started this worker: one JSON object a line, in both directions."""
import json
import os
import queue
import signal
import threading


class Host:
    """Sends frames and hands out those that come in."""

    def __init__(self, frames_in, frames_out):
        self.frames_in = frames_in
        self.frames_out = frames_out
        self.arrived = queue.SimpleQueue()
        self.busy = False
        self.one_at_a_time = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.frames_in:
            self.arrived.put(json.loads(line))
        # The host is gone: nobody waits for the model that runs, nor for what it started.
        if self.busy:
            os.killpg(os.getpgrp(), signal.SIGKILL)
        self.arrived.put(None)

    def send(self, frame):
        rest = memoryview(json.dumps(frame).encode() + b"\n")
        while rest:
            rest = rest[self.frames_out.write(rest):]

    def receive(self):
        """The next frame; None at the end."""
        return self.arrived.get()

    def ask(self, frame):
        """Sends a frame and waits for its answer, from any thread."""
        with self.one_at_a_time:
            self.send(frame)
            return self.receive()
