"""The command that opens the console in a browser: console."""

from __future__ import annotations

from pathlib import Path

import click

from console.options import config_option, store_option, vault_option
from console.web.people import People, Person, Role
from leads import registry

ROLES = {
    "reader": Role.READER,
    "officer": Role.OFFICER,
    "approver": Role.APPROVER,
    "administrator": Role.ADMINISTRATOR,
}

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group(invoke_without_command=True, short_help="网页工作台")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址。")
@click.option("--port", default=8088, show_default=True, type=click.IntRange(0, 65535))
@click.option("--name", "names", multiple=True, help="访问工作台所用的主机名，可多次给出。")
@click.option("--team", is_flag=True, help="多人使用：要求登录，按角色和城市授权。")
@click.option("--cert", type=_FILE, help="HTTPS 证书（PEM，含中间证书）。")
@click.option("--key", type=_FILE, help="证书的私钥（PEM）。")
@click.option("--behind-https", is_flag=True, help="前面另有 HTTPS 代理，浏览器只经它访问。")
@click.option(
    "--books",
    default="var/console",
    show_default=True,
    type=click.Path(path_type=Path),
    help="账号和操作日志所在目录。",
)
@click.option(
    "--packets",
    default="var/packets",
    show_default=True,
    type=click.Path(path_type=Path),
    help="证据包目录。",
)
@click.option(
    "--nights",
    default="var/nights",
    show_default=True,
    type=click.Path(path_type=Path),
    help="夜间采集的记录所在目录。",
)
@config_option
@store_option
@vault_option
@click.pass_context
def console(
    context: click.Context,
    host: str,
    port: int,
    names: tuple[str, ...],
    team: bool,
    cert: Path | None,
    key: Path | None,
    behind_https: bool,
    books: Path,
    packets: Path,
    nights: Path,
    config: str | None,
    store: str,
    vault: str,
) -> None:
    """在浏览器里查看、研判线索，制作证据包。默认只在本机使用，不必登录。

    \b
    例：  markwatch console
          markwatch console --team --host 0.0.0.0 --name markwatch.example.cn \\
              --cert 证书.pem --key 私钥.pem
          markwatch console add 张三 --role officer --city 140100
    """
    context.obj = books
    if context.invoked_subcommand:
        return
    import uvicorn

    from console.web.app import application
    from console.web.office import Place

    loopback = ("127.0.0.1", "localhost", "[::1]")
    if host not in loopback and not team:
        raise click.UsageError("只有本机才能不登录使用；要让别的机器访问，请加 --team")
    if bool(cert) != bool(key):
        raise click.UsageError("--cert 和 --key 须一起给出")
    https = bool(cert) or behind_https
    if host not in loopback and not https:
        raise click.UsageError(
            "密码会在网络上明文传送：请给出 --cert 和 --key，或在 HTTPS 代理之后加 --behind-https"
        )
    place = Place(
        store=store,
        vault=Path(vault),
        config=Path(config) if config else None,
        books=books,
        packets=packets,
        nights=nights,
        team=team,
        https=https,
        hosts=(*loopback, *names),
    )
    scheme = "https" if cert else "http"
    click.echo(f"工作台：{scheme}://{host}:{port}　按 Ctrl-C 停止", err=True)
    uvicorn.run(
        application(place, registry.load(config)),
        host=host,
        port=port,
        ssl_certfile=cert,
        ssl_keyfile=key,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
    )


@console.command(short_help="添加人员")
@click.argument("name")
@click.option(
    "--role", type=click.Choice(tuple(ROLES)), required=True, help="查阅、研判、审批、管理。"
)
@click.option("--city", help="只看这个市局的线索：六位代码。")
@click.password_option(prompt="密码", confirmation_prompt="再输一次", help="密码。")
@click.pass_obj
def add(books: Path, name: str, role: str, city: str | None, password: str) -> None:
    """添加或更改一个人的账号；已登录的须重新登录。

    例：  markwatch console add 张三 --role officer --city 140100
    """
    people = People(books / "console.db")
    try:
        people.add(Person(name, ROLES[role], city), password)
    except ValueError as wrong:
        raise click.UsageError(str(wrong)) from None
    finally:
        people.close()
    click.echo(f"已保存 {name}")


COMMANDS = (console,)
