"""Realistic warning orders (contract: warning orders in), made up from a random source."""

import random
from datetime import datetime, timedelta
from typing import Any

FRAUD_TYPES = {
    "brushing_rebates": 33,
    "fake_investment": 15,
    "fake_shopping": 9,
    "fake_customer_service": 11,
    "loan_credit": 9,
    "impersonating_acquaintance": 6,
    "impersonating_authorities": 8,
    "romance": 3,
    "fake_game_trade": 4,
    "ticket_refund": 2,
}
"""Codes of the ten types (field guide §4) with rough shares in per cent: brushing is about a third."""

LEVELS = {"extreme": 8, "high": 22, "medium": 40, "low": 30}
LON, LAT = (113.848, 113.912), (22.558, 22.602)
"""The area of the demo places, WGS-84 degrees, with a margin so that any label keeps the point inside."""

LIUTANG_PHONE = "+8613800000001"

_FUND_SHARE, _UNTYPED_SHARE, _PLACED_SHARE, _SUSPECT_SHARE = 0.6, 0.03, 0.93, 0.7

_SUMMARIES = {
    "brushing_rebates": "加入刷单群,已向陌生账户小额转账",
    "fake_investment": "在不明投资平台充值,对方催促追加",
    "fake_shopping": "向陌生卖家预付货款",
    "fake_customer_service": "与自称客服者通话,被要求共享屏幕",
    "loan_credit": "办理网贷被要求先交保证金",
    "impersonating_acquaintance": "自称领导者添加好友,要求代转款项",
    "impersonating_authorities": "与自称公检法人员长时间通话,被要求转入安全账户",
    "romance": "网恋对象推荐投资,拟转账",
    "fake_game_trade": "游戏账号交易被要求交解冻费",
    "ticket_refund": "收到航班取消短信,按指引操作转账",
}
_SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗"
_LAST = "丽华强敏静军洋艳勇杰娟涛明霞平刚英辉玲"
_STREETS = ("模拟一路", "模拟二路", "示例花园", "示例新村", "样板大厦", "样板工业区宿舍")
_BANKS = ("工商银行", "农业银行", "建设银行", "招商银行", "平安银行")
_KIN = ("husband", "wife", "son", "daughter", "mother", "father", "sibling")


def liutang(now: datetime, alert_no: str, station: str, phone: str = LIUTANG_PHONE) -> dict[str, Any]:
    """The Liutang order of the contract's example: 桃源社区, extreme, ten million at risk."""
    return {
        "alert_no": alert_no,
        "station": station,
        "level": "extreme",
        "kind": "fund",
        "fraud_type": "impersonating_authorities",
        "occurred_at": _iso(now - timedelta(seconds=110)),
        "summary": "与自称公检法人员长时间通话,名下账户大额资金正在归集,家属联系不上",
        "resident": {
            "name": "王某丽",
            "phone": phone,
            "address": "桃源社区示例花园12栋1204",
            "location": {"lon": 113.8712, "lat": 22.5741, "crs": "gcj02"},
        },
        "kin": [{"name": "陈某", "relation": "husband", "phone": "+8613700200001"}],
        "money": {
            "at_risk": "10000000.00",
            "currency": "CNY",
            "own_accounts": [{"bank": "工商银行", "account": "6222000000000000017"}],
            "suspect_accounts": [
                {
                    "bank": "建设银行",
                    "name": "赵某",
                    "account": "6217000000000000025",
                    "amount": "50000.00",
                    "transferred_at": _iso(now - timedelta(seconds=300)),
                }
            ],
        },
    }


def made_up(luck: random.Random, now: datetime, alert_no: str, station: str) -> dict[str, Any]:
    """An ordinary order. Now and then something is missing, as in life: a position, a fraud type, an account."""
    kind = "fund" if luck.random() < _FUND_SHARE else "contact"
    fraud_type = _weighted(luck, FRAUD_TYPES)
    order: dict[str, Any] = {
        "alert_no": alert_no,
        "station": station,
        "level": _weighted(luck, LEVELS),
        "kind": kind,
        "fraud_type": fraud_type,
        "occurred_at": _iso(now - timedelta(seconds=luck.randint(20, 600))),
        "summary": _SUMMARIES[fraud_type],
        "resident": resident(luck),
        "kin": [_relative(luck) for _ in range(luck.choice((0, 1, 1, 2)))],
    }
    if kind == "fund":
        order["money"] = _money(luck, now)
    if luck.random() < _UNTYPED_SHARE:
        del order["fraud_type"]
    return order


def resident(luck: random.Random) -> dict[str, Any]:
    """A resident with a masked name, a phone, an address and, mostly, a position in one of two systems."""
    person: dict[str, Any] = {
        "name": masked_name(luck),
        "phone": f"+861370010{luck.randint(0, 9999):04d}",
        "address": f"{luck.choice(_STREETS)}{luck.randint(1, 20)}栋{luck.randint(1, 30)}{luck.randint(1, 8):02d}",
    }
    if luck.random() < _PLACED_SHARE:
        person["location"] = {
            "lon": round(luck.uniform(*LON), 6),
            "lat": round(luck.uniform(*LAT), 6),
            "crs": luck.choice(("wgs84", "gcj02")),
        }
    return person


def masked_name(luck: random.Random) -> str:
    """A name as the centre sends it: 王某丽."""
    return f"{luck.choice(_SURNAMES)}某{luck.choice(_LAST)}"


def _relative(luck: random.Random) -> dict[str, str]:
    phone = f"+861370020{luck.randint(0, 9999):04d}"
    return {"name": masked_name(luck), "relation": luck.choice(_KIN), "phone": phone}


def _money(luck: random.Random, now: datetime) -> dict[str, Any]:
    at_risk = luck.choice((3_000, 8_800, 20_000, 50_000, 128_000, 400_000, 1_200_000))
    money: dict[str, Any] = {
        "at_risk": f"{at_risk}.00",
        "currency": "CNY",
        "own_accounts": [{"bank": luck.choice(_BANKS), "account": _account(luck)}],
    }
    if luck.random() < _SUSPECT_SHARE:
        money["suspect_accounts"] = [
            {
                "bank": luck.choice(_BANKS),
                "name": masked_name(luck),
                "account": _account(luck),
                "amount": f"{at_risk // 10}.00",
                "transferred_at": _iso(now - timedelta(seconds=luck.randint(30, 900))),
            }
        ]
    return money


def _account(luck: random.Random) -> str:
    return f"62220000{luck.randint(0, 10**11 - 1):011d}"


def _weighted(luck: random.Random, shares: dict[str, int]) -> str:
    return luck.choices(list(shares), weights=list(shares.values()))[0]


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
