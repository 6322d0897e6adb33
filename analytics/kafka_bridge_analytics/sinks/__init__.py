"""Where results go. Each sink is idempotent or says what it is: a batch may come again."""
