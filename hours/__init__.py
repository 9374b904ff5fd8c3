"""Opening hours. `definition` is what a file says, `calendar` which hours a day has, `status` whether it is open at a
moment and when that changes, `switch` the emergency switch that wins over all files. Pure: no clock, no I/O."""
