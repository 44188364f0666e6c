(window.fftData??={})["parts-20261108T063700Z-0055"]=JSON.parse('{"parts":[],"nodes":{}}');
