"""Files of conversations: their kinds by content, and the folder or bucket that holds them."""
