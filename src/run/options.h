#pragma once

#include <cstdint>
#include <string>

namespace mnist {

/// An option of a run that has a value.
struct Setting {
  std::string name;   ///< without dashes
  std::string value;  ///< as TOML and JSON both write it
};

/// What to do with a directory that holds a run already.
enum class Existing { kRefuse, kResume, kOverwrite };

struct OutputOptions {
  std::string dir;  ///< empty: nothing is written
  Existing existing = Existing::kRefuse;
  bool skip_if_done = false;
  std::int64_t save_every = 1;  ///< epochs
  bool json = false;            ///< on standard output, in place of the text
};

}  // namespace mnist
