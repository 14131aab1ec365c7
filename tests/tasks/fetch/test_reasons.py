import socket
import ssl

import aiohttp
import pytest

from tasks.fetch.address import ForbiddenAddressError
from tasks.fetch.challenge import HEAD, find_wall
from tasks.fetch.decoding import BrokenBodyError, TooLargeError
from tasks.fetch.reasons import explain, judge

PAGE = b"<html><body><p>The ferry sails again.</p></body></html>"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (200, "ok"), (203, "ok"), (204, "empty"), (205, "empty"), (206, "protocol"), (226, "protocol"), (101, "protocol"),
        (301, "bad_redirect"), (300, "bad_redirect"), (305, "bad_redirect"), (399, "bad_redirect"),
        (400, "protocol"), (401, "auth"), (402, "forbidden"), (403, "forbidden"), (404, "not_found"), (405, "protocol"), (406, "forbidden"),
        (407, "auth"), (408, "server_error"), (410, "gone"), (418, "forbidden"), (420, "rate_limited"), (425, "server_error"),
        (429, "rate_limited"), (430, "rate_limited"), (431, "protocol"), (451, "legal"), (499, "protocol"),
        (500, "server_error"), (502, "server_error"), (503, "server_error"), (520, "server_error"), (599, "server_error"),
        (600, "protocol"), (999, "protocol"), (0, "protocol"),
    ],
)  # fmt: skip
def test_every_status_has_its_reason(status, reason):
    verdict = judge(status, {}, PAGE, conditional=False)
    assert verdict.reason == reason
    assert (verdict.detail == "") == (reason == "ok")


def test_not_modified_only_if_asked():
    assert judge(304, {}, b"", conditional=True).reason == "not_modified"
    assert judge(304, {}, b"", conditional=False).reason == "protocol"


@pytest.mark.parametrize("body", [b"", b" \n\t\r\n"])
def test_nothing_is_empty(body):
    assert judge(200, {}, body, conditional=True).reason == "empty"


WALLS = {
    "cloudflare": b"<html><head><title>Just a moment...</title><script>window._cf_chl_opt={}</script>"
    b'<script src="/cdn-cgi/challenge-platform/x">',
    "datadome": b"<html><script>var dd={'host':'geo.captcha-delivery.com'}</script><script src='https://ct.captcha-delivery.com/c.js'>",
    "perimeterx": b"<html><script>window._pxAppId='PXa';</script><div id='px-captcha'></div>",
    "imperva": b'<html><iframe id="main-iframe" src="/_Incapsula_Resource?incident_id=1">',
    "interruption": b"<!DOCTYPE html><title>Pardon Our Interruption</title>",
    "akamai": b"<HTML><TITLE>Access Denied</TITLE>You don't have permission. https://errors.edgesuite.net/18.1</HTML>",
    "aws": b"<html><script>window.gokuProps={}</script><script src='https://x/challenge.js'></script>",
}


@pytest.mark.parametrize("page", WALLS.values(), ids=WALLS)
@pytest.mark.parametrize("status", [200, 403, 429, 503])
def test_walls_are_known_whatever_the_status(page, status):
    assert judge(status, {}, page, conditional=False).reason == "challenge"


@pytest.mark.parametrize("page", WALLS.values(), ids=WALLS)
def test_a_long_text_is_no_wall(page):
    article = b"<html><body>" + b"<p>What such a page looks like is told here at length.</p>" * 80 + page
    assert find_wall(200, {}, article) is None


@pytest.mark.parametrize("page", WALLS.values(), ids=WALLS)
def test_scripts_do_not_make_a_text_long(page):
    padded = page.replace(b"<script>", b"<script>" + b"var padding = 1; " * 1_000 + b"</script><script>", 1)
    assert find_wall(403, {}, padded + b"</script><style>" + b".a{}" * 2_000 + b"</style>") is not None


def test_a_feed_is_no_wall():
    feed = b"<?xml version='1.0'?><rss><channel><item><title>Pardon our interruption</title></item></channel></rss>"
    assert judge(200, {}, feed, conditional=False).reason == "ok"


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"cf-mitigated": "challenge"}, 403), ({"x-amzn-waf-action": "challenge"}, 202), ({"x-amzn-waf-action": "captcha"}, 405)],
)
def test_walls_that_say_so(headers, status):
    assert judge(status, headers, b"", conditional=False).reason == "challenge"


@pytest.mark.parametrize("unit", [b"<script", b"<", b"<a ", b"<script></script", b"<style><script>", b"pardon our interruption<"])
def test_hostile_heads_are_looked_at_in_linear_time(unit):
    find_wall(200, {}, (b"<html>pardon our interruption" + unit * HEAD)[: 4 * HEAD])


def caused(error, cause):
    error.__cause__ = cause
    return error


KEY = aiohttp.client_reqrep.ConnectionKey("example.org", 443, True, True, None, None, None)


@pytest.mark.parametrize(
    ("error", "in_body", "reason"),
    [
        (TimeoutError(), False, "timeout"),
        (aiohttp.ServerTimeoutError(), True, "timeout"),
        (TooLargeError("big"), True, "too_large"),
        (BrokenBodyError("truncated: x"), True, "protocol"),
        (aiohttp.ClientPayloadError("short"), True, "protocol"),
        (aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(socket.EAI_NONAME, "unknown")), False, "dns"),
        (aiohttp.ClientConnectorDNSError(KEY, ForbiddenAddressError("10.0.0.1 is not public")), False, "blocked_address"),
        (aiohttp.ClientConnectorError(KEY, ConnectionRefusedError(111, "refused")), False, "refused"),
        (aiohttp.ClientConnectorError(KEY, TimeoutError(110, "timed out")), False, "timeout"),
        (aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "wrong version")), False, "tls"),
        (aiohttp.ClientConnectorCertificateError(KEY, ssl.SSLCertVerificationError(1, "expired")), False, "tls"),
        (aiohttp.ServerDisconnectedError(), False, "protocol"),
        (aiohttp.ClientOSError(104, "reset"), False, "refused"),
        (ForbiddenAddressError("no"), False, "blocked_address"),
        (IndexError("odd"), False, "protocol"),
        (IndexError("odd"), True, "protocol"),
    ],
)
def test_every_error_has_its_reason(error, in_body, reason):
    verdict = explain(caused(error, getattr(error, "os_error", None)), in_body)
    assert verdict.reason == reason
    assert verdict.detail
    assert "\n" not in verdict.detail


def test_a_name_that_may_come_back_says_so():
    error = aiohttp.ClientConnectorDNSError(KEY, again := socket.gaierror(socket.EAI_AGAIN, "try again"))
    assert "temporary" in explain(caused(error, again), in_body=False).detail


def test_a_body_that_breaks_off_is_called_truncated():
    assert explain(aiohttp.ClientPayloadError("short"), in_body=True).detail.startswith("truncated")
