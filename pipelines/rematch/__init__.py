"""The archive matched again, in stretches, by as many processes or machines as there are.

Workers read and match (:mod:`pipelines.rematch.work`); whoever drives them writes, and notes what
is done (:mod:`pipelines.rematch.drive`), so that nothing is lost whoever is killed.
"""
