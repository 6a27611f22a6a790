#pragma once

#include <string>

namespace mnist {

/// Trains what kFingerprint stands for, on the sample that is installed with the program, or that
/// of the sources it was built in. Returns a sentence. Throws Error(kData) if there is no sample,
/// and Error(kInternal) if this machine gives other weights.
std::string check_fingerprint();

}  // namespace mnist
