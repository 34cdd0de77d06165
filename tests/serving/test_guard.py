"""Who may talk to the server."""

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from kerashar.serving import ServedModel, serve
from tests.cli.support import expect_one_line_error, kerashar
from tests.serving.served import saved_model, serving

pytestmark = pytest.mark.once
TOKEN = "a-token-for-this-test"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return ServedModel(saved_model(tmp_path_factory.mktemp("model"), hidden=4, levels=2), batch=1)


def test_foreign_names_and_pages_are_refused(model):
    with serving(model) as address:
        url, port = f"http://{address}/v1/model", address.partition(":")[2]
        for host in (f"localhost:{port}", f"[::1]:{port}", "127.0.0.1"):
            assert httpx.get(url, headers={"Host": host}).status_code == 200
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", "localhost@evil.example", "["):
            answer = httpx.get(url, headers={"Host": host})
            assert (answer.status_code, "Expected this machine" in answer.json()["error"]) == (400, True)
        for origin in ("http://evil.example", "null", "http://localhost:1"):
            answer = httpx.get(url, headers={"Origin": origin})
            assert (answer.status_code, "access-control-allow-origin" in answer.headers) == (403, False)
            for path in ("stream", "watch"):
                with pytest.raises(InvalidStatus, match="403"):
                    connect(f"ws://{address}/v1/{path}", origin=origin)
        with connect(f"ws://{address}/v1/watch", origin=f"http://{address}"):
            pass


def test_the_page_may_load_from_its_server_alone(model):
    with serving(model) as address:
        headers = httpx.get(f"http://{address}/").headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"


def test_with_a_token(model):
    with serving(model, token=TOKEN, local=False) as address:
        url = f"http://{address}/v1/model"
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
            assert httpx.get(url, headers=headers).status_code == 401
        good = {"Authorization": f"Bearer {TOKEN}"}
        assert httpx.get(url, headers={**good, "Host": "my.server"}).status_code == 200
        for path in ("/", "/page.js", "/healthz"):  # they hold nothing of the model
            assert httpx.get(f"http://{address}{path}").status_code == 200
        assert httpx.get(f"http://{address}/metrics").status_code == 401
        for protocols in (None, ["kerashar"], ["kerashar", "wrong"]):
            with pytest.raises(InvalidStatus, match="401"):
                connect(f"ws://{address}/v1/watch", subprotocols=protocols)
        with connect(f"ws://{address}/v1/watch", subprotocols=["kerashar", TOKEN]) as viewer:
            assert viewer.subprotocol == "kerashar"
        with connect(f"ws://{address}/v1/stream", additional_headers=good):
            pass


def test_others_reach_it_by_leave_and_token_only(tmp_path):
    for arguments in ((), ("--allow-remote",)):
        done = kerashar("serve", "none.keras", "--host", "0.0.0.0", *arguments, cwd=tmp_path)
        expect_one_line_error(done, "Expected --allow-remote", "KERASHAR_SERVE_TOKEN", "no token")
    with pytest.raises(ValueError, match="Expected --allow-remote"):
        serve("none.keras", "0.0.0.0", token=TOKEN)
    with pytest.raises(ValueError, match="at least 16"):
        serve("none.keras", token="short")


def test_without_the_extra(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "kerashar.serving.server", raising=False)
    done = kerashar("serve", "none.keras", cwd=tmp_path)
    expect_one_line_error(done, "pip install kerashar[serve]")
