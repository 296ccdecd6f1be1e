"""With whom Candor works: one adapter package per neighbour; no adapter imports another."""
