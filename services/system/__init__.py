"""The machine's clock and entropy, and identifiers made from them."""
