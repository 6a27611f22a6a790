#include "data/data_files.h"

#include <algorithm>
#include <array>
#include <optional>
#include <system_error>

#include "base/fail.h"
#include "base/file.h"
#include "base/process.h"
#include "base/text.h"

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

/// The file of that name, with a dot or a hyphen ("train-images.idx3-ubyte", as some archives have
/// it), in the directory or in one of its own name, as the archive of Kaggle has it.
std::optional<fs::path> find_file(const fs::path& dir, const std::string& name) {
  std::string dotted = name;
  dotted[dotted.rfind("-idx")] = '.';
  for (const fs::path& directory : {dir, dir / name, dir / dotted}) {
    for (const std::string& spelling : {name, dotted}) {
      std::error_code ignored;
      if (fs::is_regular_file(directory / spelling, ignored)) return directory / spelling;
    }
  }
  return std::nullopt;
}

std::vector<std::string> missing_names(const fs::path& dir, const Naming& naming, Split split) {
  std::vector<std::string> names{naming.images_of(split), naming.labels_of(split)};
  std::erase_if(names, [&](const std::string& name) { return find_file(dir, name).has_value(); });
  return names;
}

bool holds_split(const fs::path& dir, const Naming& naming) {
  return missing_names(dir, naming, Split::kTrain).empty() ||
         missing_names(dir, naming, Split::kTest).empty();
}

/// The names of the set that is read from a directory: the first of which a split is whole, or else
/// MNIST's.
const Naming& naming_of(const fs::path& dir) {
  for (const Naming& naming : kNamings) {
    if (holds_split(dir, naming)) return naming;
  }
  return kNamings.front();
}

bool holds_set(const fs::path& dir) { return holds_split(dir, naming_of(dir)); }

/// Where to look if no directory is named, in this order.
std::vector<fs::path> default_places() {
  std::vector<fs::path> places{"data"};
  if (const std::string dir = environment("XDG_DATA_HOME"); !dir.empty()) {
    places.push_back(fs::path(dir) / "mnist");
  } else if (const std::string home = environment("HOME"); !home.empty()) {
    places.push_back(fs::path(home) / ".local" / "share" / "mnist");
  }
  return places;
}

/// The directory of MNIST in or below `dir`, or, below a root of torchvision's that the user has
/// named, that of the one other set there; none if there are none or several.
std::optional<fs::path> find_set(const fs::path& dir, bool is_named) {
  for (const fs::path& layout : {dir, dir / "MNIST" / "raw", dir / "raw"}) {
    if (holds_set(layout)) return layout;
  }
  std::vector<fs::path> others;
  for (const char* name : {"FashionMNIST", "KMNIST", "QMNIST", "EMNIST"}) {
    const fs::path layout = dir / name / "raw";
    if (is_named && holds_set(layout)) others.push_back(layout);
  }
  return others.size() == 1 ? std::optional(others.front()) : std::nullopt;
}

/// What is in a place without a data set: "no such directory", "empty", "found a.csv, b.csv".
std::string contents_of(const fs::path& dir) {
  constexpr std::size_t kMost = 5;
  std::error_code error;
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(dir, error)) {
    names.push_back(entry.path().filename().string());
  }
  if (error) return error.message();
  if (names.empty()) return "empty";
  std::ranges::sort(names);
  return "found " + first_of(names, kMost);
}

fs::path require_file(const fs::path& dir, const std::string& name) {
  if (const auto found = find_file(dir, name)) return *found;
  fail(ErrorKind::kData, "{}: no such file ({})", (dir / name).string(), contents_of(dir));
}

}  // namespace

std::vector<std::string> missing_files(const fs::path& dir, Split split) {
  return missing_names(dir, naming_of(dir), split);
}

fs::path find_data_dir(const std::string& requested) {
  const std::string named = requested.empty() ? environment("MNIST_DATA_DIR") : requested;
  std::string tried;
  for (const fs::path& place : named.empty() ? default_places() : std::vector<fs::path>{named}) {
    const fs::path dir = directory_path(place);
    if (const auto found = find_set(dir, !named.empty())) return *found;
    tried += fmt::format("{}{} ({})", tried.empty() ? "" : ", ", dir.string(), contents_of(dir));
  }
  fail(ErrorKind::kData,
       "no MNIST data (train-images-idx3-ubyte and the other three) in {}; download it with "
       "scripts/fetch_mnist.sh, or name the directory that has it",
       tried);
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
