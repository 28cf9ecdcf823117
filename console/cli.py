"""The command line: one command a line of the officers' and engineers' work.

Exit codes: 0 done; 1 done, but something fell short; 2 wrong use or broken config; 130 interrupted
with nothing lost. Records go to stdout, everything else to stderr.
"""

from __future__ import annotations

import importlib
import io
import logging
import sys

import click

from console.boards.push import KibanaError
from evidence.vault import VaultError
from leads import registry
from leads.faults import why
from leads.query import QueryError
from leads.store import StoreError

PLACES = {
    "campaign": "campaigns",
    "check": "reading",
    "console": "serving",
    "crawl": "watching",
    "custody": "securing",
    "elastic": "elastic",
    "exclude": "excluding",
    "exclusions": "excluding",
    "explain": "reading",
    "extract": "reading",
    "fair": "fairs",
    "import": "importing",
    "judge": "judging",
    "kibana": "kibana",
    "leads": "leads",
    "match": "reading",
    "match-pictures": "pictures",
    "nightly": "nightly",
    "overdue": "handing",
    "packet": "proving",
    "practice": "practising",
    "quality": "measuring",
    "queue": "sites",
    "recapture": "securing",
    "receipt": "receiving",
    "receipts": "receiving",
    "registry": "archiving",
    "rematch": "rematching",
    "report": "handing",
    "route": "handing",
    "schedule": "scheduling",
    "site": "sites",
    "store": "storing",
    "verify": "proving",
}
"""The module of ``console`` that each command lies in; read only when it is called."""


class Commands(click.Group):
    """Loads a command when it is asked for, so that a search need not wait for the crawler."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None."""
        if cmd_name not in PLACES:
            return None
        module = importlib.import_module(f"console.{PLACES[cmd_name]}")
        commands: tuple[click.Command, ...] = module.COMMANDS
        return next(command for command in commands if command.name == cmd_name)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="markwatch", message="markwatch %(version)s", help="显示版本。")
def cli() -> None:
    """监测网络市场和展会上涉嫌侵害商标、地理标志等权利的商品，形成线索。

    只提示疑似线索并说明理由，是否违法由执法人员认定。

    \b
    先试一试：  markwatch practice night
    查看线索：  markwatch leads '城市:太原 AND 分级:优先核查'
    """


def main() -> None:
    """Run the command line and exit with a code that scripts can rely on."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # names of files, and terminals in GBK
        sys.stdout.reconfigure(errors="backslashreplace")
    _log_to_stderr()
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        _stop("已中断；已保存的内容不受影响", 130)
    except click.exceptions.NoArgsIsHelpError as bare:
        _stop(bare.format_message(), 2)
    except click.UsageError as wrong:
        usage = f"{wrong.ctx.get_usage()}\n" if wrong.ctx else ""
        _stop(f"{usage}用法有误：{wrong.format_message()}", 2)
    except registry.ConfigError as broken:
        _stop(f"配置有 {len(broken.faults)} 处错误：\n{broken}", 2)
    except (KibanaError, QueryError, StoreError, VaultError) as unusable:
        _stop(str(unusable), 2)
    except OSError as refused:
        _stop(f"{refused.filename or '输出'}：{why(refused)}", 2)
    except SystemExit:
        # Click's word for a reader that has gone (`| head`): nothing is wrong.
        raise SystemExit(0) from None
    raise SystemExit(code if isinstance(code, int) else 0)


def _log_to_stderr() -> None:
    """Progress in plain lines; of everything else only warnings, with where they come from."""
    ours = logging.StreamHandler()
    ours.setFormatter(logging.Formatter("%(message)s"))
    progress = logging.getLogger("markwatch")
    progress.setLevel(logging.INFO)
    progress.addHandler(ours)
    progress.propagate = False
    others = logging.StreamHandler()
    others.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    others.setLevel(logging.WARNING)
    logging.getLogger().addHandler(others)


def _stop(message: str, code: int) -> None:
    click.echo(message, err=True)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
