"""Policy files that name the levels: as in Qingdao (field guide §2), and as long as names may be."""

from typing import Final

QINGDAO: Final = """\
# 紧急/高/中/低 = red/yellow/blue/green
levels:
  extreme: {name: {zh: 紧急, en: Urgent}, colour: red}
  high: {name: {zh: 高, en: High}, colour: yellow}
  medium: {name: {zh: 中, en: Medium}, colour: blue}
  low: {name: {zh: 低, en: Low}, colour: green}
"""
LONGEST: Final = """\
levels:
  extreme: {name: {zh: 一级响应即刻上门, en: EXTRAORDINARILY1}, colour: orange}
  high: {name: {zh: 二级响应一刻钟内, en: EXTRAORDINARILY2}, colour: purple}
  medium: {name: {zh: 三级响应一小时内, en: EXTRAORDINARILY3}, colour: green}
  low: {name: {zh: 四级响应当日办结, en: EXTRAORDINARILY4}, colour: grey}
"""
