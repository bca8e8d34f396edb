"""The people of these stories: made-up volunteers around made-up residents in Xixiang."""

from collections.abc import Sequence
from typing import Any

STATION = "440306-LT"
RESIDENT = {"name": "欧阳某丽", "phone": "+8613512340017"}
ACCOUNT = "6222021234567890017"
SUSPECT = "6217009876543210042"
LON, LAT = 113.8812, 22.5741
_STEP = 0.002


def vests(count: int, first: int = 0) -> list[str]:
    """So many phones, the nearest to the resident first."""
    return [f"+8613655{first + number:06d}" for number in range(count)]


def roster(phones: Sequence[str], *, on_duty: bool = True) -> str:
    """A roster file; each next person stands some 200 m farther east of the resident."""
    rows = ["name,phone,station,kind,lon,lat,crs,on_duty"]
    rows += [
        f"志愿{phone[-6:]},{phone},{STATION},vest,{LON + _STEP * place:.6f},{LAT},wgs84,{'是' if on_duty else '否'}"
        for place, phone in enumerate(phones)
    ]
    return "\n".join(rows) + "\n"


def order(number: int = 1, *, level: str = "extreme", **resident: str) -> dict[str, Any]:
    """A warning order about somebody at the point the volunteers stand around."""
    return {
        "alert_no": f"BA-20260429-{number:04d}",
        "station": STATION,
        "level": level,
        "kind": "fund",
        "fraud_type": "impersonating_authorities",
        "summary": f"{RESIDENT['name']}正在向{SUSPECT}转账",
        "resident": {
            **RESIDENT,
            "address": "桃源社区8栋1203",
            "location": {"lon": LON, "lat": LAT, "crs": "wgs84"},
            **resident,
        },
        "kin": [{"name": "欧阳建国", "relation": "husband", "phone": "+8613512349999"}],
        "money": {
            "at_risk": "480000.00",
            "currency": "CNY",
            "own_accounts": [{"bank": "工商银行", "account": ACCOUNT}],
            "suspect_accounts": [{"bank": "建设银行", "name": "司徒某", "account": SUSPECT, "amount": "50000.00"}],
        },
    }
