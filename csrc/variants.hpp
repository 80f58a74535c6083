// The builds for different instruction sets, and which of them this machine can run.
#pragma once
#include <string>
#include <vector>
#include "bound.hpp"

const Variant<float>*float_scalar(), *float_narrow(), *float_avx2(), *float_wide(), *float_avx512();
const Variant<double>*double_scalar(), *double_narrow(), *double_avx2(), *double_wide(), *double_avx512();

template <class T> const std::vector<const Variant<T>*>& variants();  // the best one last
template <class T> const Variant<T>* find_variant(const std::string& name);  // "" is the best one
