"""What people read, as messages: each function sets one thing as a Page or several."""
