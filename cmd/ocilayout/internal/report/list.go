package report

import (
	"bytes"
	"encoding/json"
	"io"
	"iter"
)

// JSONList writes what [JSON] would of head, an object that is not empty, with
// one more member name: a list of the items. It holds one item at a time, so
// that a list may be of any length. w is better buffered.
func JSONList[T any](w io.Writer, head any, name string, items iter.Seq[T]) error {
	raw, err := indented(head, "")
	if err != nil {
		return err
	}
	raw = append(bytes.TrimSuffix(raw, []byte("\n}")), ",\n  \""+name+"\": ["...)
	if _, err := w.Write(raw); err != nil {
		return err
	}
	end, next := "]\n}\n", "\n    "
	for item := range items {
		raw, err := indented(item, "    ")
		if err != nil {
			return err
		}
		if _, err := w.Write(append([]byte(next), raw...)); err != nil {
			return err
		}
		end, next = "\n  ]\n}\n", ",\n    "
	}
	_, err = io.WriteString(w, end)
	return err
}

func indented(v any, prefix string) ([]byte, error) {
	raw, err := marshal(v)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = json.Indent(&out, raw, prefix, "  ")
	return out.Bytes(), err
}
