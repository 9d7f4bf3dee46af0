"""Pictures: poem cards, blend maps and the X-ray of tones, drawn in a process of their own."""
