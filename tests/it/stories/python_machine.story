# What a Python model gives doesn't depend on where the machine stands: local times are UTC, and texts are UTF-8.
--- file models/m.ff.py
import locale
import os
from datetime import datetime

from fastflowtransform import model


@model(name="m", deps=[])
def build() -> list:
    locale.setlocale(locale.LC_ALL, "")
    return [{"moment": str(datetime.fromtimestamp(0)), "texts": locale.getpreferredencoding().lower()}]
---
$ TZ=JST-9 LC_ALL=C LANGUAGE=de fft run
? m success first_build root
! select moment, texts from analytics.m
> 1970-01-01 00:00:00|utf-8
$ TZ=EST5 fft run
? m skipped all_inputs_equal
$ TZ=EST5 LANG=C fft run --rebuild m
? m success forced root
! select moment, texts from analytics.m
> 1970-01-01 00:00:00|utf-8
