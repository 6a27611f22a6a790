#pragma once

#include <string>

namespace mnist {

/// Sets the number of threads of LibTorch's pool and, where that is the BLAS, of OpenBLAS's own.
void set_threads(int threads);

/// Lets the processor treat denormal numbers (below 1.2e-38) as zero, in this thread. They appear
/// as momentum fades, are slow on many processors, and are too small to change a result.
void flush_denormals();

/// Lines on the versions of this program, LibTorch and the BLAS, and on the processor's capability.
std::string version_text();

}  // namespace mnist
