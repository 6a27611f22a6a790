#pragma once

#include <string>

namespace mnist {

/// Sets the number of threads that matrix products use: those of OpenBLAS if LibTorch uses it, else
/// LibTorch's own.
void set_threads(int threads);

/// Lines that name the versions of this program, of LibTorch and of the BLAS, and the instruction
/// set that LibTorch uses.
std::string version_text();

}  // namespace mnist
