package web

import (
	"encoding/json"
	"net/http"
)

// present makes an empty list of none: "[]" for clients, which then need not know null.
func present[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (a *API) answer(w http.ResponseWriter, code int, body any) {
	data, err := encode(body)
	if err != nil {
		code, data = http.StatusInternalServerError,
			[]byte(`{"schemaVersion": 1, "error": "the answer cannot be written as JSON"}`+"\n")
		a.Log.Error().Err(err).Msg("an answer of the API cannot be written as JSON")
	}
	a.answerJSON(w, code, data)
}

func encode(body any) ([]byte, error) {
	data, err := json.MarshalIndent(body, "", "  ")
	return append(data, '\n'), err
}

func (a *API) answerJSON(w http.ResponseWriter, code int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(body) // a client that is gone needs no answer
}

func (a *API) answerText(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(body)
}

func (a *API) fail(w http.ResponseWriter, code int, message string) {
	a.answer(w, code, failure{schema, message})
}
