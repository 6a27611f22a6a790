#include "model/state_dict.h"

namespace mnist {

void add_tensors(TensorFile& file, const std::string& prefix, const MlpImpl& model,
                 const std::vector<torch::Tensor>& tensors) {
  const std::vector<std::string> names = model.named_parameters().keys();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const torch::Tensor values = tensors[i].detach().to(torch::kCPU, torch::kFloat32).contiguous();
    const auto* const data = values.data_ptr<float>();
    file.tensors.push_back(
        {prefix + names.at(i), values.sizes().vec(), {data, data + values.numel()}});
  }
}

bool has_tensors(const TensorFile& file, const std::string& prefix, const MlpImpl& model) {
  return file.find(prefix + model.named_parameters().keys().front()) != nullptr;
}

std::vector<torch::Tensor> take_tensors(const TensorFile& file, const std::string& prefix,
                                        const MlpImpl& model) {
  std::vector<torch::Tensor> tensors;
  for (const auto& parameter : model.named_parameters()) {
    const std::string name = prefix + parameter.key();
    const FloatTensor* const found = file.find(name);
    if (found == nullptr) refuse(file.source, "expected a tensor {}, found none", name);
    if (found->shape != parameter.value().sizes().vec()) {
      refuse(file.source, "expected tensor {} to fit the network, found another shape", name);
    }
    tensors.push_back(torch::tensor(found->values).view(found->shape));
  }
  return tensors;
}

}  // namespace mnist
