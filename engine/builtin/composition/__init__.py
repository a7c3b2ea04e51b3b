"""How a photo is composed: what lies where in it, and what a teacher of photography would say."""
