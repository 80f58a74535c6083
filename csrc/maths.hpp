// The elementary functions of the kernels, f_<L>(x) on vectors of a lane type L: the whole range,
// float and double, and the same bits for every width. csrc/ulp.cpp measures how exact they are.
// Those that are rare are computed in double for float, too.
#pragma once
#include "maths_exp.hpp"
#include "maths_log.hpp"
#include "maths_normal.hpp"
#include "maths_pow.hpp"
#include "maths_round.hpp"
#include "maths_trig.hpp"
