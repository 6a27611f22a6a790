#include <string>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "mnist_train/model.h"
#include "model/layer_order.h"
#include "model/safetensors.h"

namespace mnist {

namespace fs = std::filesystem;

std::string encode_model(const MlpImpl& model) {
  // PyTorch's loaders look for "format".
  return encode_safetensors(
      {{{"format", "pt"}, {"hidden", join_sizes(hidden_sizes(model))}}, model.named_parameters()});
}

void write_model(const MlpImpl& model, const fs::path& file) {
  write_file(file, encode_model(model));
}

Mlp read_model(const fs::path& path) {
  std::error_code ignored;
  InputFile file(fs::is_directory(path, ignored) ? path / "model.safetensors" : path,
                 ErrorKind::kModel);
  const SafetensorsHeader header = read_header(file);
  std::vector<std::int64_t> hidden;
  std::vector<torch::Tensor> parameters;
  for (const TensorInfo& tensor : order_parameters(header.tensors, file.name())) {
    if (tensor.shape.size() == 1) hidden.push_back(tensor.shape[0]);  // a bias
    parameters.push_back(read_tensor(file, header, tensor));
  }
  hidden.pop_back();  // the outputs of the last layer
  Mlp model(hidden);
  set_parameters(model, parameters);
  return model;
}

}  // namespace mnist
