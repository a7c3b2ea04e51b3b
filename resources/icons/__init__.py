"""Our own line icons, one SVG each, drawn in `currentColor` on a 21 × 21 grid."""
