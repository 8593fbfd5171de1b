"""The one place that makes an HTTP client: it talks to one address, and sends what a request needs and no more."""

from __future__ import annotations

import platform
import ssl
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy

import certifi
import httpx2
from openai import AsyncOpenAI

from trayassist.workers.endpoint.protocol import EndpointOptions

CONNECT_S = 10.0
NO_KEY = "no key"  # the client insists on one; the header it makes of it is replaced, or taken out


@dataclass(slots=True)
class Key:
    """The provider's key as it is at this request; "" without one."""

    value: str = field(default="", repr=False)


class WrongHost(httpx2.TransportError):
    """A request was about to go to another host than the endpoint's."""


def client(options: EndpointOptions, key: Key) -> AsyncOpenAI:
    """Return a client for one endpoint: no proxies, no redirects, no cookies, no retries, no facts on this machine.

    `key` is looked at for each request. An answer may take as long as the role allows: there is a time limit on
    connecting only. Each request has its own connection: a kept one may be closed by the server just when the next
    question is on its way, and a question that may have arrived is not sent twice. Certificates are those the system
    trusts and those of certifi.
    """
    home = httpx2.URL(options.base_url)

    async def seal(request: httpx2.Request) -> None:
        if (request.url.scheme, request.url.host, request.url.port) != (home.scheme, home.host, home.port):
            raise WrongHost(f"{request.url.host} is not {home.host}")
        for name in [name for name in request.headers if name.startswith("x-stainless")]:
            del request.headers[name]  # the client tells system, processor and versions in them
        request.headers["user-agent"] = "trayassist"
        request.headers.pop("authorization", None)
        if key.value:
            request.headers["authorization"] = f"Bearer {key.value}"

    http = httpx2.AsyncClient(
        trust_env=False,
        follow_redirects=False,
        verify=_certificates(),
        timeout=httpx2.Timeout(None, connect=CONNECT_S),
        limits=httpx2.Limits(max_keepalive_connections=0),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        event_hooks={"request": [seal]},
    )
    vars(platform.uname())["processor"] = ""  # the client asks for it at each start, and Python would start `uname`
    return AsyncOpenAI(base_url=options.base_url, api_key=NO_KEY, http_client=http, max_retries=0)


def _certificates() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
