"""Every source of rows that ``[data] source`` may name, as one tagged union.

A source is a frozen model: its fields are the options of the preset's ``[data]`` table, and ``load`` returns a
``Table``. To add one, write its class beside its kin and list it here.
"""

from __future__ import annotations

from engine.data.bundled import BreastCancer

Source = BreastCancer
