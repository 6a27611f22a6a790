#include "mnist_train/model_file.h"

#include <algorithm>
#include <set>
#include <string>
#include <system_error>

#include "base/file.h"
#include "base/settings.h"
#include "base/text.h"
#include "model/layer_names.h"
#include "model/safetensors.h"
#include "model/state_dict.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

/// Files in a folder that may hold weights, for a message.
std::string weights_in(const fs::path& dir, std::error_code& error) {
  std::set<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(dir, error)) {
    const std::string type = entry.path().extension().string();
    const auto known = {".safetensors", ".pt", ".pth", ".bin", ".ckpt"};
    if (std::find(known.begin(), known.end(), type) != known.end()) {
      names.insert(entry.path().filename().string());
    }
  }
  constexpr std::size_t kMost = 6;
  return names.empty() ? "no weights" : first_of({names.begin(), names.end()}, kMost);
}

/// The file of weights that `path` stands for.
fs::path file_of(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return path;
  fs::path file = path / "model.safetensors";
  std::error_code error;
  if (fs::exists(file, error)) return file;
  const std::string found = error ? "" : weights_in(path, error);
  if (error) refuse({full_name(path), kCheckPath}, "cannot be read: {}", error.message());
  refuse({full_name(path), "name a file of weights, or the folder of a run that has finished"},
         "expected model.safetensors in this folder, found {}", found);
}

}  // namespace

std::string encode_model(const MlpImpl& model) {
  // PyTorch's loaders look for "format".
  TensorFile file{{{"format", "pt"}, {"hidden", join_widths(hidden_widths(model))}}, {}};
  add_tensors(file, "", model, model.parameters());
  return encode_safetensors(file);
}

void write_model(const MlpImpl& model, const fs::path& file) {
  write_file(file, encode_model(model));
}

Mlp read_model(const fs::path& path) {
  TensorFile file = read_safetensors(file_of(path));
  // As checkpoint_file() names what a model has not.
  if (file.find("velocity.fc1.weight") != nullptr || file.find("best.fc1.weight") != nullptr) {
    refuse({file.source.name, "give the model.safetensors of the run"},
           "expected a model, found a checkpoint");
  }
  Mlp model(name_layers(file));
  set_parameters(model, take_tensors(file, "", *model));
  return model;
}

}  // namespace mnist
