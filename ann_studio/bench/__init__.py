"""The benchmark: this program beside PyTorch, scikit-learn and plain C, and what it costs in memory and on the screen.

``ann-studio bench`` runs it; `docs/performance.md` says what each figure means. Nothing else in the program knows it.
"""
