"""The live page, in a browser."""

import json
from urllib.parse import urlsplit

import pytest
from websockets.sync.client import connect

from kerashar.serving import ServedModel
from tests.browser import browser_page
from tests.serving.served import CARD, saved_model, serving
from tests.support import random_signal

pytestmark = pytest.mark.once
TOKEN = "a-token-for-this-test"
PIXELS = "() => document.getElementById('signal').toDataURL()"
WIDTH = "() => document.documentElement.scrollWidth"


def test_it_shows_what_is_streamed(tmp_path):
    model = ServedModel(saved_model(tmp_path, hidden=4, levels=2), batch=1)
    with serving(model, token=TOKEN) as address, browser_page(400, 800) as (page, errors):
        hosts = set()
        for kind in ("request", "websocket"):
            page.on(kind, lambda event: hosts.add(urlsplit(event.url).netloc))
        page.goto(f"http://{address}/")
        page.get_by_label("This server asks for its token").fill(TOKEN)
        errors.clear()  # the browser tells of the 401 before
        page.get_by_role("button", name="Connect").click()
        page.get_by_text("live", exact=True).wait_for()
        page.get_by_text("Waiting for samples").wait_for()
        empty = page.evaluate(PIXELS)
        settings = {"Authorization": f"Bearer {TOKEN}"}
        with connect(f"ws://{address}/v1/stream", additional_headers=settings) as client:
            client.send(json.dumps({**CARD, "name": "left wrist"}))
            client.recv(20)
            for chunk in random_signal(4, 16, 2):
                client.send(chunk.tobytes())
                said = json.loads(client.recv(20))
            label = said["label"].replace("_", " ").capitalize()
            page.get_by_text("left wrist · 2.0 s").wait_for()
            assert page.locator("#activity").inner_text() == label
            assert page.locator("#confidence").inner_text() == f"{said['confidence'] * 100:.0f} % confident"
            assert page.locator("[aria-live]").inner_text().startswith(label)
            page.wait_for_function("(empty) => document.getElementById('signal').toDataURL() !== empty", arg=empty)
            light = page.evaluate(PIXELS)
            page.emulate_media(color_scheme="dark")
            page.wait_for_function("(light) => document.getElementById('signal').toDataURL() !== light", arg=light)
            assert page.evaluate(WIDTH) <= 400
        page.get_by_text("left wrist, ended").wait_for()
        assert errors == []
        assert hosts == {address}
