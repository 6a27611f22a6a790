#include "data/data_files.h"

#include <system_error>
#include <vector>

#include "base/process.h"
#include "mnist_train/error.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

struct SplitNames {
  std::string images;
  std::string labels;
};

SplitNames names_of(Split split) {
  if (split == Split::kTrain) return {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"};
  return {"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
}

/// "train-images-idx3-ubyte" -> "train-images.idx3-ubyte", as some archives name the file.
std::string dotted(std::string name) {
  name[name.rfind("-idx")] = '.';
  return name;
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

/// Whether a folder has any file of a data set, packed or not.
bool holds_any_file(const fs::path& dir) {
  for (const Split split : {Split::kTrain, Split::kTest}) {
    const SplitNames names = names_of(split);
    for (const std::string& name : {names.images, names.labels}) {
      for (const std::string& spelling : {name, dotted(name)}) {
        if (is_there(dir / spelling) || is_there(dir / (spelling + ".gz"))) return true;
      }
    }
  }
  return false;
}

/// A folder to look in.
struct Place {
  fs::path dir;
  bool named;  ///< by the user
};

/// Where to look, in this order.
std::vector<Place> places(const std::string& requested) {
  if (!requested.empty()) return {{requested, true}};
  if (const std::string dir = environment("MNIST_DATA_DIR"); !dir.empty()) return {{dir, true}};
  std::vector<Place> defaults{{"data", false}};
  if (const std::string dir = environment("XDG_DATA_HOME"); !dir.empty()) {
    defaults.push_back({fs::path(dir) / "mnist", false});
  } else if (const std::string home = environment("HOME"); !home.empty()) {
    defaults.push_back({fs::path(home) / ".local" / "share" / "mnist", false});
  }
  return defaults;
}

fs::path find_file(const fs::path& dir, const std::string& name) {
  for (const std::string& spelling : {name, dotted(name)}) {
    if (is_there(dir / spelling)) return dir / spelling;
  }
  for (const std::string& spelling : {name, dotted(name)}) {
    const fs::path packed = dir / (spelling + ".gz");
    if (is_there(packed)) {
      fail(ExitCode::kData,
           "{}: expected the unpacked file {}, found it packed; run: gunzip -k '{}'",
           packed.string(), spelling, packed.string());
    }
  }
  fail(ExitCode::kData, "{}: no such file; fetch it with: scripts/fetch_mnist.sh",
       (dir / name).string());
}

}  // namespace

fs::path find_data_dir(const std::string& requested) {
  std::string tried;
  for (const Place& place : places(requested)) {
    const fs::path dir = fs::absolute(place.dir).lexically_normal();
    std::vector<fs::path> layouts{dir, dir / "MNIST" / "raw", dir / "raw"};
    // Another data set than MNIST is used only where the user asked for it, never by chance.
    if (place.named) layouts.push_back(dir / "FashionMNIST" / "raw");
    for (const fs::path& layout : layouts) {
      if (holds_any_file(layout)) return layout;
    }
    tried += (tried.empty() ? "" : ", ") + dir.string();
    if (!is_there(dir)) tried += " (no such folder)";
  }
  fail(ExitCode::kData,
       "no MNIST data found; expected train-images-idx3-ubyte and its three companions, here or in "
       "MNIST/raw below, tried: {}; fetch it with scripts/fetch_mnist.sh or name its folder with "
       "--data DIR",
       tried);
}

SplitFiles find_split_files(const fs::path& dir, Split split) {
  const SplitNames names = names_of(split);
  return {find_file(dir, names.images), find_file(dir, names.labels)};
}

}  // namespace mnist
