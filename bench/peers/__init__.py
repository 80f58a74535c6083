"""The contestants, one file each, by hand as a user of that library would write it.

``train(job, report)`` trains ``job.case`` for at most ``job.epochs`` epochs and calls ``report``
with the mean loss of each (of the losses before the steps, weighted by rows) until it says True.
``train_many`` is the same for a case of many copies; a loss is the mean of theirs. ``LIBRARY``
says what runs; ``NOTE``, where there is one, why the losses cannot be compared.
"""
