#include "data/data_files.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <system_error>
#include <vector>

#include "base/file_kind.h"
#include "base/process.h"
#include "data/near_misses.h"
#include "mnist_train/error.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

/// The names that a data set's files have. Sources: torchvision/datasets/mnist.py; for EMNIST,
/// whose images are transposed, G. Cohen et al., "EMNIST: an extension of MNIST to handwritten
/// letters".
struct Naming {
  const char* description;
  const char* train;
  const char* test;
  const char* labels;
  LabelForm label_form;
  bool transposed;

  std::string prefix(Split split) const { return split == Split::kTrain ? train : test; }
  std::string images_of(Split split) const { return prefix(split) + "-images-idx3-ubyte"; }
  std::string labels_of(Split split) const { return prefix(split) + labels; }
};

constexpr const char* kByteLabels = "-labels-idx1-ubyte";
constexpr std::array kNamings{
    Naming{"", "train", "t10k", kByteLabels, LabelForm::kBytes, false},
    Naming{", EMNIST digits, turned upright", "emnist-digits-train", "emnist-digits-test",
           kByteLabels, LabelForm::kBytes, true},
    Naming{", EMNIST's copy of MNIST, turned upright", "emnist-mnist-train", "emnist-mnist-test",
           kByteLabels, LabelForm::kBytes, true},
    Naming{", QMNIST", "qmnist-train", "qmnist-test", "-labels-idx2-int", LabelForm::kQmnist,
           false}};

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

/// The file of that name, with a dot or a hyphen ("train-images.idx3-ubyte", as some archives have
/// it), in the folder or in one of its own name, as the archive of Kaggle has it.
std::optional<fs::path> find_file(const fs::path& dir, const std::string& name,
                                  const std::string& ending = "") {
  std::string dotted = name;
  dotted[dotted.rfind("-idx")] = '.';
  for (const fs::path& folder : {dir, dir / name, dir / dotted}) {
    for (const std::string& spelling : {name, dotted}) {
      const fs::path file = folder / (spelling + ending);
      std::error_code ignored;
      if (is_there(file) && !fs::is_directory(file, ignored)) return file;
    }
  }
  return std::nullopt;
}

bool holds(const fs::path& dir, const std::string& name) {
  return find_file(dir, name) || find_file(dir, name, ".gz");
}

std::vector<std::string> missing_names(const fs::path& dir, const Naming& naming, Split split) {
  std::vector<std::string> names{naming.images_of(split), naming.labels_of(split)};
  std::erase_if(names, [&](const std::string& name) { return holds(dir, name); });
  return names;
}

/// The names of the set that is read from a folder: the first set of which a split is whole, else
/// of which there is any file. Null if there is none.
const Naming* naming_in(const fs::path& dir) {
  for (const std::size_t most_missing : {0, 1}) {
    for (const Naming& naming : kNamings) {
      for (const Split split : {Split::kTrain, Split::kTest}) {
        if (missing_names(dir, naming, split).size() <= most_missing) return &naming;
      }
    }
  }
  return nullptr;
}

const Naming& naming_of(const fs::path& dir) {
  const Naming* const found = naming_in(dir);
  return found == nullptr ? kNamings.front() : *found;
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

/// The folder of a set in or below `dir`, if there is one.
std::optional<fs::path> find_set(const fs::path& dir, bool named) {
  for (const fs::path& layout : {dir, dir / "MNIST" / "raw", dir / "raw"}) {
    if (holds_any_file(layout)) return layout;
  }
  if (!named) return std::nullopt;
  std::vector<std::string> others;
  for (const char* name : {"FashionMNIST", "KMNIST", "QMNIST", "EMNIST"}) {
    const fs::path layout = dir / name / "raw";
    if (holds_any_file(layout)) others.push_back(layout.string());
  }
  if (others.size() > 1) {
    fail(ExitCode::kData, "{}: expected MNIST, or one other data set, found {}; name one of them",
         dir.string(), fmt::join(others, ", "));
  }
  if (others.empty()) return std::nullopt;
  return others.front();
}

fs::path require_file(const fs::path& dir, const std::string& name) {
  if (const auto found = find_file(dir, name)) return *found;
  if (const auto packed = find_file(dir, name, ".gz")) {
    const auto kind = recognize(file_head(*packed));
    if (!kind || kind->name != "gzip data") {
      const bool is_idx = !kind && file_head(*packed).starts_with(std::string(2, '\0'));
      fail(ExitCode::kData, "{}: expected gzip data, found {}; {}", packed->string(),
           kind     ? kind->name
           : is_idx ? "that it is unpacked already"
                    : "something else",
           is_idx ? "rename it to " + packed->stem().string() : "download it again");
    }
    fail(ExitCode::kData, "{}: expected the unpacked file {}, found it packed; run: gunzip -k '{}'",
         packed->string(), packed->stem().string(), packed->string());
  }
  const NearMisses near = find_near_misses(dir, std::vector{name});
  std::string remedy = near.remedy;
  if (remedy.empty()) {
    remedy = dir.parent_path().filename() == "MNIST"
                 ? "fetch it with: scripts/fetch_mnist.sh"
                 : "put that of the same data set there, beside the others";
  }
  fail(ExitCode::kData, "{}: not found{}; {}", (dir / name).string(), near.found, remedy);
}

}  // namespace

bool holds_any_file(const fs::path& dir) { return naming_in(dir) != nullptr; }

std::vector<std::string> missing_files(const fs::path& dir, Split split) {
  return missing_names(dir, naming_of(dir), split);
}

fs::path find_data_dir(const std::string& requested) {
  std::string tried;
  std::string remedy;
  for (const Place& place : places(requested)) {
    const fs::path dir = fs::absolute(place.dir).lexically_normal();
    if (const auto found = find_set(dir, place.named)) return *found;
    const NearMisses near = find_near_misses(dir);
    tried += (tried.empty() ? "" : ", ") + dir.string() + near.found;
    if (remedy.empty()) remedy = near.remedy;
  }
  if (remedy.empty())
    remedy = "fetch it with scripts/fetch_mnist.sh or name its folder with --data DIR";
  fail(ExitCode::kData,
       "no MNIST data found; expected train-images-idx3-ubyte and its three companions, here or in "
       "MNIST/raw below, tried: {}; {}",
       tried, remedy);
}

SplitFiles find_split_files(const fs::path& dir, Split split) {
  const Naming& naming = naming_of(dir);
  SplitFiles files{require_file(dir, naming.images_of(split)),
                   require_file(dir, naming.labels_of(split)), naming.label_form,
                   naming.transposed};
  files.for_libtorch = &naming == &kNamings.front() &&
                       files.images == dir / naming.images_of(split) &&
                       files.labels == dir / naming.labels_of(split);
  return files;
}

std::string describe_set(const fs::path& dir) { return naming_of(dir).description; }

}  // namespace mnist
