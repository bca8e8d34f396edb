"""The first page: what this is, and where the description of its interface lies."""

from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from web.services import Services

router = APIRouter(include_in_schema=False)

_SURFACES = {
    "all": ("全部接口", "all interfaces"),
    "hooks": ("预警指令与短信回执接口", "webhooks for warning orders and texts"),
    "volunteer": ("队员页面", "pages for volunteers"),
    "console": ("值班台接口", "interface of the duty console"),
}

_SIMULATED = """<p><strong>模拟运行:短信由模拟器收发,不会到达真实手机。<br>
<span lang="en">Simulation: texts go to the simulator and reach no real phone.</span></strong></p>
"""

_UNBUILT = """<p>值班台页面尚未构建:请运行 <code>make console</code>。<br>
<span lang="en">The console's screens are not built yet: run <code>make console</code>.</span></p>
"""

_PAGE = """<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>蓝马甲 bluevest</title></head><body>
<h1>蓝马甲 <span lang="en">bluevest</span></h1>
<p>反诈预警指令实时派单。本地址提供:{zh}。<br>
<span lang="en">Real-time anti-fraud early-warning dispatch. This address serves: {en}.</span></p>
{notice}{unbuilt}
<p><a href="/openapi.json">接口说明 <span lang="en">description of the interface</span> (OpenAPI)</a></p>
</body></html>
"""


@router.get("/", response_class=HTMLResponse)
def home(request: Request) -> HTMLResponse:
    """Says which surface answers, and whether it is a simulation."""
    services: Services = request.app.state.services
    zh, en = _SURFACES[str(request.app.state.surface)]
    notice = _SIMULATED if services.settings.simulated else ""
    # At the console's address it stands in for screens that are not there.
    unbuilt = _UNBUILT if str(request.app.state.surface) in {"all", "console"} else ""
    return HTMLResponse(_PAGE.format(zh=escape(zh), en=escape(en), notice=notice, unbuilt=unbuilt))
