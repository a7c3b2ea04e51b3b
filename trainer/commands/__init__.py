"""The commands of `venus-trainer`, one room each; no torch until one of them needs it."""
