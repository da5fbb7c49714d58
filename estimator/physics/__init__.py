"""Physics and economics: pure laws on numbers and arrays, one topic of the field a module.

May import `arrays`, `quantities`, `checks`, `errors`; reads no file and knows no design, process or option.
Its functions check nothing; `function.checked` holds every argument to its range, and is what `estimator` exports.
Start with `area.class_area`, `yields.yield_fraction` or `operating_point.solve`.
"""
