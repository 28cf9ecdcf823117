"""Seeing: everything that needs OpenCV, NumPy or faiss (the extra ``pictures``)."""
