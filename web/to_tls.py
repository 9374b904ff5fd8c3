"""A port that only sends browsers on to the pages by TLS."""

from collections.abc import Collection

from aiohttp import web

from web.guard import add_headers, host_name, only_hosts, plain_errors


def make_redirector(tls_port: int, hosts: Collection[str] = ()) -> web.Application:
    """308 to the same address by https, where it was asked for by a name of ours; nothing but GET and HEAD."""
    app = web.Application(middlewares=[plain_errors, only_hosts(hosts)], client_max_size=1024)
    app.on_response_prepare.append(add_headers)

    async def there(request: web.Request) -> web.Response:
        name = host_name(request.headers.getall("Host", []))
        shown = f"[{name}]" if ":" in name else name
        port = "" if tls_port == 443 else f":{tls_port}"
        location = f"https://{shown}{port}{request.rel_url.raw_path_qs}"
        return web.Response(status=308, headers={"Location": location})

    app.router.add_get("/{path:.*}", there)
    return app
