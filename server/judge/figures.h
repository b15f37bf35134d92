// The verdicts of level INFO: figures, in words.
#ifndef NAIRI_MOCK_JUDGE_FIGURES_H_
#define NAIRI_MOCK_JUDGE_FIGURES_H_

#include "nairi/mock/verdicts.h"

namespace nairi::mock {

// Adds what Verdicts::traffic says.
void append_figures(Verdicts& verdicts);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_JUDGE_FIGURES_H_
