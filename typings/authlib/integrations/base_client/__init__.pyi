"""The part of Authlib that Candor uses; it ships no types."""
