"""Messages about registers of toy kites."""

# code: (what en, what zh, expected en, expected zh, what to do en, what to do zh); {braces} are filled in.
TOY: dict[str, tuple[str, str, str, str, str, str]] = {
    "toy_unsealed": (
        "the register of kites is not sealed",
        "风筝登记表未封存",
        "the seal {expected} in its last row",
        "末行为封存标记 {expected}",
        "have it sealed by whoever keeps it",
        "请由登记人封存",
    ),
}
