"""The page with the phones: served from the package, closed to everything foreign."""

import re

import httpx

from simulator.exchange.handsets import STATIC
from simulator.handset import Exchange


def get(exchange: Exchange, path: str) -> httpx.Response:
    return httpx.get(exchange.url + path, trust_env=False)


def test_the_page_says_that_it_is_a_simulation_and_speaks_chinese_first(exchange: Exchange) -> None:
    page = get(exchange, "/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "模拟 simulation" in page.text
    assert '<html lang="zh-CN">' in page.text
    assert 'id="language"' in page.text


def test_the_policy_allows_only_our_own_files(exchange: Exchange) -> None:
    for path in ("/", "/static/handsets.js", "/control/ledger"):
        policy = get(exchange, path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_every_file_of_the_page_is_served_and_none_is_foreign(exchange: Exchange) -> None:
    page = get(exchange, "/").text
    files = re.findall(r'(?:src|href)="([^"#]+)"', page)
    assert len(files) == 3
    for file in files:
        assert file.startswith("/")
        assert get(exchange, file).status_code == 200
    assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|\sstyle=", page)


def test_texts_are_never_put_in_as_markup() -> None:
    script = (STATIC / "handsets.js").read_text("utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", script)


def test_both_languages_say_the_same_things() -> None:
    script = (STATIC / "handsets.js").read_text("utf-8")
    zh, en = re.search(r"zh: \{(.*?)\n  \},\n  en: \{(.*?)\n  \},\n\};", script, re.DOTALL).groups()  # type: ignore[union-attr]
    names = [set(re.findall(r"(?:^|[\s,{])(\w+): [\"\[{]", words)) for words in (zh, en)]
    assert names[0] == names[1]
    used = set(re.findall(r'data-say="(\w+)"', (STATIC / "handsets.html").read_text("utf-8")))
    assert used
    assert used <= names[0]


def test_every_field_has_a_label(exchange: Exchange) -> None:
    page = get(exchange, "/").text
    assert page.count("<input") == page.count("<label")


def test_a_missing_file_is_404(exchange: Exchange) -> None:
    assert get(exchange, "/static/../app.py").status_code == 404
    assert get(exchange, "/static/none.js").status_code == 404
